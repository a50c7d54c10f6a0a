const REQUESTS = 20;

/** Makes twenty requests at once. */
export const inParallel = <T>(make: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: REQUESTS }, (_, index) => make(index)));
