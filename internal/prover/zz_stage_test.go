package prover

import (
	"context"
	"fmt"
	"testing"
	"time"
)

func TestStages(t *testing.T) {
	for _, n := range []struct{ width, depth, bits int }{{16, 1, 8}, {128, 4, 8}, {128, 4, 16}, {1024, 4, 8}} {
		c, values := denseNet(n.width, n.depth, n.bits)
		s := benchSRS()
		pk, err := Setup(context.Background(), c, values, s, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			last, name := time.Now(), ""
			line := fmt.Sprint(n)
			o := Options{Progress: func(st string) {
				if name != "" {
					line += fmt.Sprintf(" %s %.1fms", name, time.Since(last).Seconds()*1000)
				}
				name, last = st, time.Now()
			}}
			Prove(context.Background(), pk, s.G1, values, o)
			line += fmt.Sprintf(" %s %.1fms", name, time.Since(last).Seconds()*1000)
			fmt.Println(line)
		}
	}
}
