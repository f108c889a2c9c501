//go:build !unix

package store

import "net"

// alive cannot be known here without waiting.
func alive(net.Conn) bool { return true }
