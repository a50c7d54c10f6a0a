/** The client behind a request, identified by its connection and its cookies. */
export interface Caller {
  /** The client's address in the form that limits count. */
  readonly address: string;
  /** Between the address and the network: an IPv6 /56; undefined for IPv4. */
  readonly site: string | undefined;
  /** The network that the address belongs to. */
  readonly network: string;
  /** Key of the caller's verification. */
  readonly verificationToken: string | undefined;
  /** The mark of the browser that started the verification; nothing has checked it yet. */
  readonly startMark: string | undefined;
  /** Key of the caller's session. */
  readonly sessionToken: string | undefined;
  /** The device cookie as it arrived; nothing has checked it yet. */
  readonly deviceCookie: string | undefined;
}
