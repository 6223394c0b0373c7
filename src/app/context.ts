import { createContext, useContext } from 'react';
import type { Commands } from './commands.ts';

/** The commands; null for the instant before the workbench stands. */
export const CommandsContext = createContext<Commands | null>(null);

export function useCommands(): Commands | null {
  return useContext(CommandsContext);
}
