// Command pulumi-language-python is the language host that the Pulumi engine starts to run a Python program.
//
// Pulumi's own Python host is not published as a Go module that can be built from the module proxy, but everything under
// it is: the protocol (proto/go), the resolution of pip, uv and poetry (python/toolchain) and the script that runs a
// program (python/cmd/pulumi-language-python-exec, which must lie beside this binary). This command joins them.
//
// The engine passes its own gRPC address as the only argument and reads the port of this server from the first line of
// standard output. What follows on standard output and standard error is shown to the user.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/logging"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// executor is the name of Pulumi's script that runs a Python program; it is looked for beside this binary.
const executor = "pulumi-language-python-exec"

// engineCheckInterval is how often the host asks whether its engine is still there. An engine that was killed cannot
// say goodbye; without the question its hosts would stay behind.
const engineCheckInterval = 5 * time.Second

func main() {
	if err := serve(); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-python: %v\n", err)
		os.Exit(1)
	}
}

func serve() error {
	tracing := flag.String("tracing", "", "where to send tracing data: a Zipkin-compatible endpoint, or file:PATH")
	flag.String("root", "", "project root; older engines pass it, newer ones name the root in each request")
	flag.Parse()
	logging.InitLogging(false, 0, false)
	cmdutil.InitTracing("pulumi-language-python", "pulumi-language-python", *tracing)
	defer cmdutil.CloseTracing()

	script, err := findExecutor()
	if err != nil {
		return err
	}

	// Done when a signal arrives, when the engine is gone, or when the engine cancels its operation.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	address := flag.Arg(0)
	if address != "" {
		if err := rpcutil.Healthcheck(ctx, address, engineCheckInterval, stop); err != nil {
			return fmt.Errorf("the engine at %s cannot be reached: %w", address, err)
		}
	}

	stopServing := make(chan bool)
	context.AfterFunc(ctx, func() { close(stopServing) })
	server, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stopServing,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, newHost(ctx, script, address))
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}
	fmt.Println(server.Port)
	return <-server.Done
}

func findExecutor() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	// The binary may be reached through a symbolic link; the script lies beside the file itself.
	self, err = filepath.EvalSymlinks(self)
	if err != nil {
		return "", err
	}
	script := filepath.Join(filepath.Dir(self), executor)
	if _, err := os.Stat(script); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%s is missing beside %s: build the engine again (make engine)", executor, self)
		}
		return "", err
	}
	return script, nil
}
