const STORE_WITHIN_MS = 1000;

async function tell(hint: Promise<string | undefined>): Promise<void> {
  const text = await hint;
  if (text !== undefined) process.stderr.write(`${text}\n`);
}

/** Next calls this once, and waits for it, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    // Not in development, where Next sends changes over an upgraded socket.
    if (process.env.NODE_ENV === 'production') (await import('@/lib/http/server/protect-server')).protectServer();
    const { exitOnBadConfiguration, logStartAndStop, simulatorHint, waitForStore } = await import('@/lib/boot');
    exitOnBadConfiguration();
    const { getServices } = await import('@/lib/services');
    const services = getServices();
    await services.openid?.ready();
    await waitForStore(services.pingStore, STORE_WITHIN_MS);
    // The first ping opens the database, and brings its schema up to date.
    if (services.factors) await waitForStore(services.factors.ping, STORE_WITHIN_MS);
    (await import('@/lib/factor-upkeep')).startFactorUpkeep(services);
    if (process.env.NODE_ENV === 'production') logStartAndStop(services);
    else await tell(simulatorHint(services.config.infobip.baseUrl));
  }
}
