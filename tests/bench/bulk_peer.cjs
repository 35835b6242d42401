// node bulk_peer.cjs URL RECORDS FOLDER BATCH: replicates the records to URL; and back into an empty store; prints the seconds of both and the documents.
const fs = require('fs');
const PouchDB = require('pouchdb');

const [url, records, folder, batch] = process.argv.slice(2);

async function main() {
  fs.mkdirSync(folder, { recursive: true });
  const local = new PouchDB(`${folder}/local`, { adapter: 'leveldb' });
  const documents = fs.readFileSync(records, 'utf8').trim().split('\n')
    .map((line, number) => ({ _id: String(number).padStart(8, '0'), answers: JSON.parse(line) }));
  for (let i = 0; i < documents.length; i += 500) await local.bulkDocs(documents.slice(i, i + 500));
  const begun = process.hrtime.bigint();
  const result = await local.replicate.to(url, { batch_size: Number(batch) });
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
  const other = new PouchDB(`${folder}/other`, { adapter: 'leveldb' });
  const asked = process.hrtime.bigint();
  const back = await other.replicate.from(url, { batch_size: Number(batch) });
  const returned = Number(process.hrtime.bigint() - asked) / 1e9;
  console.log(seconds, returned, result.docs_written);
  process.exit(result.docs_written === documents.length && back.docs_written === documents.length ? 0 : 1);
}

main().catch((error) => { console.error(error); process.exit(1); });
