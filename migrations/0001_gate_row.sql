-- The one row of the gate: a new system begins closed, at epoch 0, as a new Breaker does.
INSERT INTO `breaker_gate` (`id`, `state`, `epoch`) VALUES (1, 'closed', 0);
