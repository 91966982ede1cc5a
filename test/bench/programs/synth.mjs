/* A CDK app with so many queues, synthesised: what the CDK itself takes before anything is deployed. */
import { App, Stack, aws_sqs as sqs } from 'aws-cdk-lib';

const app = new App({ outdir: process.argv[3] });
const stack = new Stack(app, 'Bench');
for (let n = 0; n < Number(process.argv[2]); n++) new sqs.Queue(stack, `Queue${n}`);
app.synth();
