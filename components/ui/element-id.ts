import { createContext, useContext } from 'react';

/** Stands in front of the ids of elements. Empty on our own page. A host has ids of its own, and may show the flow twice. */
export const IdPrefix = createContext('');

/** The id of an element that another one names, such as a field's for its label. */
export const useElementId = (name: string): string => useContext(IdPrefix) + name;
