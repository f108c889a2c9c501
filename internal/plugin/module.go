package plugin

import (
	"context"
	"errors"
	"os"

	"bellwether/internal/fault"
	"bellwether/internal/sandbox"
)

// ModuleSuffix is how the names of files with modules end.
const ModuleSuffix = ".wasm"

// openModule opens a file's module in a sandbox of its own.
func openModule(ctx context.Context, path string, o Options) (*Opened, error) {
	module, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.NotFound, "the module cannot be read: %w (give a file that is there)", err)
	}
	return OpenModule(ctx, path, module, o)
}

// OpenModule opens a module in a sandbox of its own. The path is what messages call it.
func OpenModule(ctx context.Context, path string, module []byte, o Options) (*Opened, error) {
	host, err := sandbox.New(sandbox.Options{CacheDir: o.Cache})
	if err != nil {
		return nil, err
	}
	m, err := host.Load(ctx, path, module)
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	return &Opened{Path: path, Scorer: m, close: host.Close, memory: func() int64 { return m.Usage().Peak }}, nil
}
