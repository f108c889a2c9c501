package pioneer_test

import (
	"testing"

	"bellwether/plugins/pioneer"
	"bellwether/scoring/scoretest"
)

func TestConformance(t *testing.T) {
	scoretest.Run(t, pioneer.New())
}
