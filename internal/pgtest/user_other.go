//go:build !unix

package pgtest

import "os/exec"

func asServer(*exec.Cmd, string) error { return nil }
