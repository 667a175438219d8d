# SPDX-License-Identifier: Apache-2.0
"""The schema of experiment files, as a validator reads it: the one that editors use."""
import copy
import json
import pathlib
import sys
import unittest

try:
    import jsonschema
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from experiments import assay  # noqa: E402

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
WRONG = {
    "misspelt": lambda file: file.update(optimiser="adam"),
    "without loss": lambda file: file.pop("loss"),
    "unknown class": lambda file: file.update(loss={"class_name": "Hubert"}),
    "unknown option": lambda file: file.update(loss={"class_name": "Huber", "config": {"dleta": 1}}),
    "wrong type": lambda file: file.update(loss={"class_name": "Huber", "config": {"delta": "one"}}),
}


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        schema = json.loads(assay("schema").stdout)
        validator = jsonschema.validators.validator_for(schema)
        validator.check_schema(schema)
        cls.validator = validator(schema)
        cls.examples = {path.parent.name: json.loads(path.read_text(encoding="utf-8"))
                        for path in EXAMPLES.glob("*/experiment.json")}

    def test_every_example_satisfies_it(self):
        self.assertGreaterEqual(len(self.examples), 4)
        for name, file in self.examples.items():
            found = [error.message for error in self.validator.iter_errors(file)]
            self.assertEqual(found, [], name)

    def test_mistakes_do_not(self):
        for name, change in WRONG.items():
            file = copy.deepcopy(self.examples["digits"])
            change(file)
            self.assertFalse(self.validator.is_valid(file), name)


if __name__ == "__main__":
    unittest.main()
