import type { Random } from './random';
import { weighted } from './random';

/** The address of a request, in the forms that limits count; see `lib/http/client-address.ts`. */
export interface Client {
  readonly address: string;
  readonly site?: string | undefined;
  readonly network: string;
}

const SUBNETS = 65_536;

/** @param octets the four of an IPv4 address, as one number */
export function ipv4(octets: number): Client {
  const [a, b, c, d] = [octets >>> 24, (octets >>> 16) & 255, (octets >>> 8) & 255, octets & 255];
  return { address: `${a}.${b}.${c}.${d}`, network: `${a}.${b}.${c}.0/24` };
}

/**
 * @param network the /48, from 0 to 2^32
 * @param subnet the /64 in it, from 0 to 65,535
 */
export function ipv6(network: number, subnet: number): Client {
  const first = `2a00:${(network >>> 16).toString(16)}:${(network & 65_535).toString(16)}`;
  return {
    address: `${first}:${subnet.toString(16)}::/64`,
    site: `${first}:${(subnet & 0xff00).toString(16)}::/56`,
    network: `${first}::/48`,
  };
}

/**
 * Offices, schools and the gateways of mobile networks. About a hundred people a day share the busiest address, and
 * most addresses have a few.
 */
const SHARED_ADDRESSES = 600;
const SHARED_FLATNESS = 9;
const shared = weighted(
  Array.from({ length: SHARED_ADDRESSES }, (_, index) => ipv4((100 << 24) + (index << 10) + 7)),
  (_, rank) => 1 / (rank + SHARED_FLATNESS),
);
/** The share of all other people who have IPv6. Providers hand out /56s from thousands of /48s. */
const WITH_IPV6 = 0.45;
const PROVIDER_NETWORKS = 20_000;
const HOME_ADDRESSES = 0x05_00_00_00;
const FIRST_HOME_ADDRESS = 0x4f_00_00_00;

export const SHARE_BEHIND_SHARED = 0.2;

/** Somebody's own connection. */
export function anyClient(random: Random): Client {
  return random.chance(WITH_IPV6)
    ? ipv6(random.integer(PROVIDER_NETWORKS), random.integer(SUBNETS))
    : ipv4(FIRST_HOME_ADDRESS + random.integer(HOME_ADDRESSES));
}

export const personClient = (random: Random): Client =>
  random.chance(SHARE_BEHIND_SHARED) ? shared(random) : anyClient(random);

/** Residential proxies: connections of households, spread over the same networks as those of people. */
export const proxies = (count: number, random: Random): Client[] =>
  Array.from({ length: count }, () => anyClient(random));
