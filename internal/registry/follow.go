package registry

import (
	"context"
	"errors"
	"sync"
	"time"
)

// pollEvery is how often the folder and the database are looked at.
const pollEvery = time.Second

// Run follows what changes until the context ends: the database beside the folder, whose modules may take minutes to try.
func (r *Registry) Run(ctx context.Context) {
	var both sync.WaitGroup
	both.Go(func() {
		r.every(ctx, func() error { return errors.Join(r.follow(ctx), r.forget(ctx)) })
	})
	both.Go(func() {
		r.every(ctx, func() error { return r.look(ctx) })
	})
	both.Wait()
}

// every does something again and again, and says once what keeps it from being done.
func (r *Registry) every(ctx context.Context, do func() error) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch err := do(); {
		case err == nil:
			said = ""
		case ctx.Err() == nil && err.Error() != said:
			said = err.Error()
			r.Log.Error("scorers made at run time could not be looked at", "error", err)
		}
	}
}

// Reload looks at the folder and the database, and takes in what changed.
func (r *Registry) Reload(ctx context.Context) error {
	return errors.Join(r.follow(ctx), r.look(ctx))
}

// look takes in what changed in the folder.
func (r *Registry) look(ctx context.Context) error {
	r.loading.Lock()
	defer r.loading.Unlock()
	changed, scanning := r.scan(ctx)
	tried, trying := r.tryModules(ctx)
	if changed || tried {
		r.mu.Lock()
		r.dirty = true
		r.mu.Unlock()
	}
	if err := errors.Join(scanning, trying); err != nil && ctx.Err() != nil {
		return err
	}
	return errors.Join(scanning, trying, r.follow(ctx))
}

// follow takes in what changed in the database, and makes the set anew where anything did.
func (r *Registry) follow(ctx context.Context) error {
	revision, err := r.Store.RulesRevision(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if revision != r.revision {
		if _, err := r.read(ctx); err != nil {
			return err
		}
		r.revision, r.dirty = revision, true
	}
	if !r.dirty {
		return nil
	}
	err = r.settle()
	r.dirty = err != nil
	return err
}

// forget deletes some of what is stored of rules that were deleted.
func (r *Registry) forget(ctx context.Context) error {
	r.mu.Lock()
	names := sortedKeys(r.deleted)
	r.mu.Unlock()
	for _, name := range names {
		if _, there := r.live.Engine().Entry(name); there { // another scorer has the name
			continue
		}
		more, err := r.Store.ForgetRule(ctx, name)
		if err != nil {
			return err
		}
		if !more {
			r.mu.Lock()
			delete(r.deleted, name)
			r.mu.Unlock()
		}
	}
	return nil
}

// read takes the rules and switches from the database, and returns the revision from which on they are so.
func (r *Registry) read(ctx context.Context) (revision int64, err error) {
	if revision, err = r.Store.RulesRevision(ctx); err != nil { // first: what changes meanwhile is read again
		return 0, err
	}
	all, err := r.Store.Rules(ctx)
	if err != nil {
		return 0, err
	}
	switches, err := r.Store.Switches(ctx)
	if err != nil {
		return 0, err
	}
	r.saved = nil
	clear(r.deleted)
	for _, rule := range all {
		switch {
		case rule.Definition != nil:
			r.saved = append(r.saved, rule)
		case !rule.Forgotten:
			r.deleted[rule.Name] = true
		}
	}
	for name, s := range switches {
		if s.Enabled && s.Revision != r.switches[name].Revision { // somebody wants it tried again
			delete(r.tripped, name)
		}
	}
	r.switches = switches
	return revision, nil
}
