"""From a hit to the officer's verdict over the dash link."""
