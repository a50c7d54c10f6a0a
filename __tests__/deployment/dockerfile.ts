import { readFileSync } from 'node:fs';

/** One line of a Dockerfile. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The lines between one FROM and the next. */
export interface Stage {
  readonly from: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of our Dockerfile, which has no continuation lines. */
export function readStages(file = 'Dockerfile'): Stage[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^([A-Z]+) (.*[^\\])$/.exec(line) ?? [];
    if (name === '') throw new Error(`Not understood: ${line}`);
    const [, from = '', as = ''] = /^(\S+) AS (\S+)$/.exec(name === 'FROM' ? text : '') ?? [];
    if (from) stages.push({ from, name: as, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, text });
  }
  return stages;
}

/** The arguments of all lines with that instruction. */
export const textsOf = ({ instructions }: Stage, wanted: string): string[] =>
  instructions.filter(({ name }) => name === wanted).map(({ text }) => text);

/** The arguments of the one line with that instruction. */
export function textOf(stage: Stage, wanted: string): string {
  const [text, ...more] = textsOf(stage, wanted);
  if (text === undefined || more.length > 0) throw new Error(`There must be one ${wanted} in ${stage.name}`);
  return text;
}
