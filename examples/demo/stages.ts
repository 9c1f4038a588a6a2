/** The finished stages and their times. */
export class Stages {
  readonly #done: { readonly title: string; readonly seconds: number }[] = [];
  readonly #begin = performance.now();

  /** Runs a stage and notes its time. */
  async run<T>(title: string, work: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await work();
    this.#done.push({ title, seconds: (performance.now() - begin) / 1000 });
    return result;
  }

  /** Returns a line for each stage, and one for the total. */
  table(): string {
    const all = { title: "all of it", seconds: (performance.now() - this.#begin) / 1000 };
    const lines = [...this.#done, all];
    const width = Math.max(...lines.map(({ title }) => title.length));
    return lines.map(({ title, seconds }) => `${title.padEnd(width)} ${seconds.toFixed(1).padStart(7)} s`).join("\n");
  }
}
