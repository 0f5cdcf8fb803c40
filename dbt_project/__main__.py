"""Run the command line as `python -m dbt_project`."""

from dbt_project.cli.main import main

main()
