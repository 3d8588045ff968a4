// Says of each document on stdin, behind its length of four bytes, whether JSON.parse takes it: a byte.
const data = require("fs").readFileSync(0);
const answers = [];
for (let at = 0; at < data.length; ) {
  const length = data.readUInt32BE(at);
  try {
    JSON.parse(data.subarray(at + 4, at + 4 + length).toString());
    answers.push(1);
  } catch (refused) {
    answers.push(0);
  }
  at += 4 + length;
}
process.stdout.write(Buffer.from(answers));
