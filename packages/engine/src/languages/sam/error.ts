/* What SAM finds wrong with a template, in its words. */
import { TemplateError } from '../template/index.ts';

/** Faults are shown up to so many; names come from the template and may be long. */
const MOST_FAULTS = 50;

/** One fault: of a resource, or of the template. `resource` is the logical id. */
export class SamFault extends Error {
  static ofResource(id: string, words: string): SamFault {
    return new SamFault(`Resource with id [${id}] is invalid. ${words}`);
  }

  static ofEvent(id: string, event: string, words: string): SamFault {
    return SamFault.ofResource(id, `Event with id [${event}] is invalid. ${words}`);
  }
}

/** All faults of a template, as CloudFormation tells them. */
export function refusal(faults: readonly SamFault[]): TemplateError {
  const words = faults.slice(0, MOST_FAULTS).map(({ message }) => message);
  return new TemplateError(
    'Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document. ' +
      `Number of errors found: ${faults.length}. ${words.join(' ')}`,
  );
}
