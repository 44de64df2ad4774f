import type { RepeatedJob } from "../domain/repeated-job.ts";

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const inWords = (count: number) => WORDS[count] ?? String(count);

/** "This job opened three of the last three stops" */
export const repeatedText = ({ stops, of }: Pick<RepeatedJob, "stops" | "of">): string =>
  `This job opened ${inWords(stops)} of the last ${inWords(of)} stops`;
