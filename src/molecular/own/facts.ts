/** What is told of a library of the user's own. */

export interface LibraryFacts {
  /** The files it was read from; the first three by name. */
  name: string;
  /** Profiles that answer. */
  samples: number;
  sources: { name: string; samples: number }[];
  /** Genes of the model's vocabulary, and those of them that every file lists. */
  genes: number;
  listed: number;
  /** Genes that a file lacks: there they count as 0, and take the model's mean in the network. */
  missing: string[];
  /** Names that were read as another symbol. */
  renamed: { given: string; symbol: string }[];
  /** Dates that a spreadsheet made of one of several genes: not used. */
  mangled: { given: string; meant: string[] }[];
  /** Median molecules of a sample, all genes; null where the values are normalised already. */
  depth: number | null;
  /** Sentences: what was put right, left out or assumed. */
  notes: string[];
}
