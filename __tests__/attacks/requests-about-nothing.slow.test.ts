import { countOutcomes, flood, madeUpHandle, newAddress, newNetwork, newNumber } from '@/__tests__/support/person';
import { describeEverySetUp } from '@/__tests__/support/set-ups';

describeEverySetUp('requests about verifications that do not exist', (setUp) => {
  const deployment = setUp.deploy({
    LIMIT_SEND_GLOBAL: '100/1h',
    LIMIT_SEND_PER_ADDRESS: '10/1h',
    LIMIT_SEND_PER_NETWORK: '25/1h',
    LIMIT_VERIFY_PER_ADDRESS: '10/1h',
    LIMIT_VERIFY_PER_NETWORK: '25/1h',
  });
  const resend = (address: string) => deployment.person(address).resend(madeUpHandle());
  const verify = (address: string) => deployment.person(address).verify(madeUpHandle(), '123456');

  test.each([
    ['resends', 'SEND', resend],
    ['verifies', 'VERIFY', verify],
  ] as const)('made-up %s count only against their address', async (_name, counted, ask) => {
    const network = newNetwork();
    const first = await flood(10, () => ask(network(1)));
    const addressUsedUp = await ask(network(1));
    // More than the network's limit for real verifications.
    const others = await flood(30, (i) => ask(network(2 + (i % 3))));
    const elsewhere = await ask(newAddress());

    expect(countOutcomes([...first, ...others])).toEqual({ '404 PIN_NOT_FOUND': 40 });
    expect(countOutcomes([addressUsedUp])).toEqual({ '429 RATE_LIMITED': 1 });
    expect(await deployment.limitOf(addressUsedUp)).toBe(`LIMIT_${counted}_PER_ADDRESS`);
    expect(elsewhere.status).toBe(404);
  });

  test("a thousand such requests from everywhere use up nobody's limits", async () => {
    const number = newNumber();
    const waiting = deployment.person();
    const { body } = await waiting.send(number);

    const resends = await flood(800, () => resend(newAddress()));
    const verifies = await flood(200, () => verify(newAddress()));
    const elsewhere = await deployment.person().send(newNumber());
    const resent = await waiting.resend(body.pinId);
    const verified = await waiting.verify(body.pinId, await deployment.simulator.pinFor(number));

    expect({
      people: countOutcomes([elsewhere, resent, verified]),
      resends: countOutcomes(resends),
      verifies: countOutcomes(verifies),
    }).toEqual({
      people: { '200': 3 },
      resends: { '404 PIN_NOT_FOUND': 800 },
      verifies: { '404 PIN_NOT_FOUND': 200 },
    });
  });
});
