import { createContext, useContext } from 'react';

/** The prefix of element ids. Empty on our own page. A host app has ids of its own, and may show the flow twice. */
export const IdPrefix = createContext('');

/** The id of an element that another element refers to, such as that of a field for its label. */
export const useElementId = (name: string): string => useContext(IdPrefix) + name;
