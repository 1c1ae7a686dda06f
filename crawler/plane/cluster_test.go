package plane_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/crawler/plane/planetest"
	"unmirror/crawler/plane/redistest"
)

// cluster starts three masters and gives the address of all of them.
func cluster(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	var nodes []*redis.Client
	var addrs []string
	bus := redistest.FreePort(t)
	for i := range 3 {
		own := bus
		if i > 0 {
			own = redistest.FreePort(t)
		}
		s := redistest.Start(t, "--cluster-enabled", "yes", "--cluster-port", own, "--cluster-node-timeout", "60000", "--cluster-config-file", "nodes.conf")
		c := redis.NewClient(&redis.Options{Addr: s.Addr})
		t.Cleanup(func() { _ = c.Close() })
		nodes, addrs = append(nodes, c), append(addrs, s.Addr)
	}
	for i, c := range nodes {
		if err := c.ClusterAddSlotsRange(ctx, i*5462, min((i+1)*5462-1, 16383)).Err(); err != nil {
			t.Fatal(err)
		}
		host, port, _ := net.SplitHostPort(addrs[0])
		if err := c.Do(ctx, "CLUSTER", "MEET", host, port, bus).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for ends := time.Now().Add(5 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		ok := 0
		for _, c := range nodes {
			if info, err := c.ClusterInfo(ctx).Result(); err == nil && strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_known_nodes:3") {
				ok++
			}
		}
		if ok == 3 {
			break
		}
		if time.Now().After(ends) {
			t.Fatal("the cluster does not form")
		}
	}
	return "redis://" + addrs[0] + "?addr=" + addrs[1] + "&addr=" + addrs[2] + "&cluster=true"
}

func TestRedisClusterIsAPlane(t *testing.T) {
	c := dial(t, cluster(t))
	planetest.Run(t, func(t *testing.T) planetest.Harness { return moved(t, c) })
}
