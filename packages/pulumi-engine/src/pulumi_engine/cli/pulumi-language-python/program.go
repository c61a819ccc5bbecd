package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// exitMessageShown is the exit code with which pulumi-language-python-exec says that the user has already been told what
// went wrong; the engine then stops without a message of its own.
const exitMessageShown = 32

// pythonOptions reads `runtime.options` of Pulumi.yaml. An option that is misspelt would otherwise choose another
// toolchain in silence, so values that are not known are errors.
func pythonOptions(info *pulumirpc.ProgramInfo) (toolchain.PythonOptions, error) {
	options := toolchain.PythonOptions{
		Root:       info.GetRootDirectory(),
		ProgramDir: info.GetProgramDirectory(),
	}
	for name, value := range info.GetOptions().AsMap() {
		text, isText := value.(string)
		if !isText {
			return options, fmt.Errorf("runtime option %q in Pulumi.yaml is %v; it must be a string", name, value)
		}
		switch name {
		case "virtualenv":
			options.Virtualenv = text
		case "toolchain":
			switch strings.ToLower(text) {
			case "pip":
				options.Toolchain = toolchain.Pip
			case "poetry":
				options.Toolchain = toolchain.Poetry
			case "uv":
				options.Toolchain = toolchain.Uv
			default:
				return options, fmt.Errorf("runtime option toolchain in Pulumi.yaml is %q; it must be pip, poetry or uv", text)
			}
		case "typechecker":
			switch strings.ToLower(text) {
			case "mypy":
				options.Typechecker = toolchain.TypeCheckerMypy
			case "pyright":
				options.Typechecker = toolchain.TypeCheckerPyright
			default:
				return options, fmt.Errorf("runtime option typechecker in Pulumi.yaml is %q; it must be mypy or pyright", text)
			}
		}
	}
	return options, nil
}

func resolve(info *pulumirpc.ProgramInfo) (toolchain.Toolchain, toolchain.PythonOptions, error) {
	options, err := pythonOptions(info)
	if err != nil {
		return nil, options, err
	}
	tools, err := toolchain.ResolveToolchain(options)
	return tools, options, err
}

// Run runs the program in its virtual environment. An error of the program is part of the answer, not of the call.
func (h *host) Run(call context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	ctx, done := h.operation(call)
	defer done()
	if req.GetAttachDebugger() {
		return nil, errors.New("this language host cannot attach a debugger; Pulumi's own Python host can")
	}
	tools, options, err := resolve(req.GetInfo())
	if err != nil {
		return nil, err
	}
	if err := typecheck(ctx, tools, options); err != nil {
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
	command, err := tools.Command(ctx, append([]string{"-u", h.script}, scriptArguments(req, h.engineAddress())...)...)
	if err != nil {
		return nil, err
	}
	if command.Env == nil {
		command.Env = os.Environ()
	}
	config, err := configVariables(req)
	if err != nil {
		return nil, err
	}
	command.Env = append(command.Env, config...)
	// The engine shows what comes on these as the program's output.
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	err = command.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return outcome(err)
}

// scriptArguments are the command line of pulumi-language-python-exec: how to reach the engine, then the entry point.
func scriptArguments(req *pulumirpc.RunRequest, engine string) []string {
	arguments := []string{
		"--monitor", req.GetMonitorAddress(),
		"--engine", engine,
		"--project", req.GetProject(),
		"--root_directory", req.GetInfo().GetRootDirectory(),
		"--stack", req.GetStack(),
		"--pwd", req.GetInfo().GetProgramDirectory(),
		"--dry_run", strconv.FormatBool(req.GetDryRun()),
		"--parallel", strconv.Itoa(int(req.GetParallel())),
		"--organization", req.GetOrganization(),
		req.GetInfo().GetEntryPoint(),
	}
	return append(arguments, req.GetArgs()...)
}

// configVariables are the environment variables that carry the stack's configuration. A stack that has none gets no
// variable: the script cannot read a null.
func configVariables(req *pulumirpc.RunRequest) ([]string, error) {
	var variables []string
	if config := req.GetConfig(); len(config) > 0 {
		text, err := json.Marshal(config)
		if err != nil {
			return nil, err
		}
		variables = append(variables, "PULUMI_CONFIG="+string(text))
	}
	if secretKeys := req.GetConfigSecretKeys(); len(secretKeys) > 0 {
		text, err := json.Marshal(secretKeys)
		if err != nil {
			return nil, err
		}
		variables = append(variables, "PULUMI_CONFIG_SECRET_KEYS="+string(text))
	}
	return variables, nil
}

// outcome turns the way the program ended into the engine's answer.
func outcome(err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case !errors.As(err, &exit):
		return nil, fmt.Errorf("the Python program could not be started: %w", err)
	case exit.ExitCode() == exitMessageShown:
		return &pulumirpc.RunResponse{Bail: true}, nil
	default:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode())}, nil
	}
}

// typecheck runs the type checker that Pulumi.yaml asks for, if any, over the program.
func typecheck(ctx context.Context, tools toolchain.Toolchain, options toolchain.PythonOptions) error {
	if options.Typechecker == toolchain.TypeCheckerNone {
		return nil
	}
	name := strings.ToLower(toolchain.TypeCheckerName(options.Typechecker))
	command, err := tools.ModuleCommand(ctx, name, options.ProgramDir)
	if err != nil {
		return err
	}
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s refuses the program (%w); its messages are above", name, err)
	}
	return nil
}

// recordedPythonVersion reads the Python version that a virtual environment was made with, "" if it says none.
// venv writes the key `version`, uv `version_info`.
func recordedPythonVersion(venv string) string {
	file, err := os.Open(filepath.Join(venv, "pyvenv.cfg"))
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if key = strings.TrimSpace(key); key == "version" || key == "version_info" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
