/* AWS::Serverless::Application: a nested stack from a template in S3. The application repository is not there. */
import { isObject } from '../template/value.ts';
import { SamFault } from './error.ts';
import { type Expansion, kept, type SamResource } from './expansion.ts';
import { tagList } from './values.ts';

export function expandApplication(expansion: Expansion, resource: SamResource): void {
  const { id } = resource;
  const values = isObject(resource.properties) ? resource.properties : {};
  const location = values.Location;
  if (location === undefined) throw SamFault.ofResource(id, 'Resource is missing the required [Location] property.');
  if (isObject(location)) throw fromRepository(id, Object.keys(location));
  if (typeof location !== 'string') throw SamFault.ofResource(id, "Type of property 'Location' is invalid.");
  const made = {
    TemplateURL: location,
    Parameters: values.Parameters,
    NotificationARNs: values.NotificationARNs,
    Tags: [{ Key: 'lambda:createdBy', Value: 'SAM' }, ...tagList(isObject(values.Tags) ? values.Tags : {})],
    TimeoutInMinutes: values.TimeoutInMinutes,
  };
  expansion.add(id, 'AWS::CloudFormation::Stack', made, kept(resource));
}

function fromRepository(id: string, given: readonly string[]): SamFault {
  const missing = ['ApplicationId', 'SemanticVersion'].find((name) => !given.includes(name));
  if (missing !== undefined) {
    return SamFault.ofResource(id, `Resource is missing the required [${missing}] property.`);
  }
  return SamFault.ofResource(id, 'The AWS Serverless Application Repository is not available: give Location a URL.');
}
