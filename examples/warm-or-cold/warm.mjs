/* The same function, kept warm by a rule that rings it every five minutes. */
import cold from './cold.mjs';

export default async function warm(engine) {
  await engine.schedule('warmer', 'rate(5 minutes)', await cold(engine), { type: 'warmer' });
}
