import { capacityCommand } from './capacity.ts';
import type { Command } from './command.ts';
import { consolidateCommand } from './consolidate.ts';
import { costCommand } from './cost.ts';
import { decisionsCommand } from './decisions.ts';
import { factsCommand } from './facts.ts';
import { helpCommand } from './help.ts';
import { packCommand } from './pack.ts';
import { rightsizeCommand } from './rightsize.ts';
import { statusCommand } from './status.ts';
import { verifyCommand } from './verify.ts';
import { windowsCommand } from './windows.ts';

/** The ordered list of commands: help, terminal, Slack and the reference are built from it. */
export const COMMANDS: readonly Command[] = [
  capacityCommand as Command,
  windowsCommand as Command,
  costCommand as Command,
  rightsizeCommand as Command,
  consolidateCommand as Command,
  packCommand as Command,
  verifyCommand as Command,
  decisionsCommand as Command,
  statusCommand as Command,
  factsCommand as Command,
  helpCommand(() => COMMANDS) as Command,
];
