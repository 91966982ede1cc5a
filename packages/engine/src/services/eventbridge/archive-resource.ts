/* AWS::Events::Archive. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-archive.html */
import { everyPage, pick, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';

const SETTINGS = ['Description', 'KmsKeyIdentifier', 'RetentionDays'] as const;

/** An update leaves what it is not told of, so it is told of all. */
const settingsOf = ({ EventPattern, ...properties }: Properties) => ({
  ...{ Description: '', KmsKeyIdentifier: '', RetentionDays: 0 },
  ...pick(properties, [...SETTINGS]),
  EventPattern: EventPattern ? textOf(EventPattern) : '',
});

export const archive: ResourceType = {
  properties: ['ArchiveName', 'EventPattern', 'SourceArn', ...SETTINGS],
  name: { property: 'ArchiveName', most: 48 },
  async find({ call }, { ArchiveName }) {
    return (await unlessGone(call('eventbridge', 'DescribeArchive', { ArchiveName })))?.ArchiveName;
  },
  async create({ call }, { ArchiveName, SourceArn: EventSourceArn, ...properties }) {
    const settings = Object.entries(settingsOf(properties)).filter(([, value]) => value !== '');
    await call('eventbridge', 'CreateArchive', { ArchiveName, EventSourceArn, ...Object.fromEntries(settings) });
    return ArchiveName;
  },
  async update({ call }, { physicalId: ArchiveName }, properties) {
    await call('eventbridge', 'UpdateArchive', { ArchiveName, ...settingsOf(properties) });
  },
  async delete({ call }, { physicalId: ArchiveName }) {
    await unlessGone(call('eventbridge', 'DeleteArchive', { ArchiveName }));
  },
  async read({ call }, { physicalId: ArchiveName }) {
    const found = await unlessGone(call('eventbridge', 'DescribeArchive', { ArchiveName }));
    if (!found) return undefined;
    return {
      ...pick(found, ['ArchiveName', ...SETTINGS]),
      ...{ Arn: found.ArchiveArn, SourceArn: found.EventSourceArn },
      ...(found.EventPattern && { EventPattern: JSON.parse(found.EventPattern) }),
    };
  },
  async list({ call }) {
    const archives = await everyPage(
      (NextToken) => call('eventbridge', 'ListArchives', { NextToken }),
      ({ Archives }) => Archives,
    );
    return archives.map(({ ArchiveName }) => ({ ArchiveName }));
  },
};
