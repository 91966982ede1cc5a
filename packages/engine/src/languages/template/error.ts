/* A template, or a value for one, that CloudFormation would refuse, in AWS's words: its `ValidationError`. */

/** Names come from the template and may be many. */
const LONGEST_MESSAGE = 4096;

export class TemplateError extends Error {
  constructor(words: string) {
    super(words.slice(0, LONGEST_MESSAGE));
  }
}
