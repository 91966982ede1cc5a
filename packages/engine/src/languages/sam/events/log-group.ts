/* CloudWatchLogs: a subscription filter of a log group. */
import { properties } from '../properties.ts';
import { sub } from '../values.ts';
import { addPermission, type EventType } from './source.ts';

export const CLOUDWATCH_LOGS: EventType = {
  properties: properties('LogGroupName!:string FilterPattern!'),
  expand(expansion, event) {
    const { id, values, target } = event;
    const { LogGroupName, FilterPattern } = values;
    const { partition } = expansion.inputs;
    const arn = `arn:${partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${__LogGroupName__}:*`;
    const sourceArn = sub(arn, { __LogGroupName__: LogGroupName! });
    const permission = addPermission(expansion, event, { principal: 'logs.amazonaws.com', sourceArn });
    const filter = { LogGroupName, FilterPattern, DestinationArn: target.arn };
    const attributes = { ...target.attributes, DependsOn: [permission] };
    expansion.add(id, 'AWS::Logs::SubscriptionFilter', filter, attributes);
  },
};
