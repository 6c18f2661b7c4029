"""Importing changes nothing of the process, and validating a scenario loads no simulation."""

from __future__ import annotations

import json
import subprocess
import sys


def in_a_process_of_its_own(code: str) -> object:
    """Return what a text of Python prints as JSON."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_validating_a_scenario_loads_no_simulation() -> None:
    loaded = in_a_process_of_its_own(
        "import json, sys\n"
        "from scenarios.definition.resolve import load_scenario\n"
        "load_scenario('xizang-ngari-rounds')\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert isinstance(loaded, list) and "network.inputs.tables" in loaded
    assert not {"simpy", "matplotlib", "sim.engine", "sim.run"} & set(loaded)


def test_importing_the_packages_leaves_the_environment_as_it_was() -> None:
    assert in_a_process_of_its_own(
        "import json, os\n"
        "before = dict(os.environ)\n"
        "import network.build, sim.run, scenarios.definition.resolve\n"
        "print(json.dumps(dict(os.environ) == before))"
    )


def test_the_command_line_and_its_workers_sum_in_one_thread() -> None:
    """Set before numpy is loaded, which reads it once."""
    assert in_a_process_of_its_own(
        "import json, os, sys\n"
        "os.environ.pop('OPENBLAS_NUM_THREADS', None)\n"
        "import scenarios.cli\n"
        "unread = 'numpy' not in sys.modules\n"
        "sys.argv = ['yizhan', '--help']\n"
        "out, sys.stdout = sys.stdout, open(os.devnull, 'w')\n"
        "try:\n"
        "    scenarios.cli.main()\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(json.dumps(unread and os.environ['OPENBLAS_NUM_THREADS'] == '1'), file=out)"
    )
