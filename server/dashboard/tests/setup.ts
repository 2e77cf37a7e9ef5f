import { configure } from "@testing-library/react";

// A second is short where several suites share a machine.
configure({ asyncUtilTimeout: 30_000 });
