using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Wombat.Forge;
using Wombat.Forge.Inside;
using Wombat.Infrastructure.Processes;

using var stop = new CancellationTokenSource();
using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

// An argument that begins with @ is a value and not a file of arguments.
var parsed = CommandLine.Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
var usage = parsed.Action as ParseErrorAction;
usage?.ShowHelp = false;
var invocation = new InvocationConfiguration
{
    Output = usage is null ? Console.Out : Console.Error,
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = null,
};
InheritedFiles.CloseOnExec();
using var tracing = Tracing.Start(parsed.CommandResult.Command.Name);
try
{
    var code = await parsed.InvokeAsync(invocation, stop.Token);
    return usage is null ? code : (int)ExitCode.Usage;
}
catch (ForgeException e)
{
    return Fail(e.Code, e.Message);
}
catch (OperationCanceledException)
{
    return Fail(ExitCode.Unavailable, "stopped");
}
catch (Exception e) when (e is TimeoutException or ProgramMissingException)
{
    return Fail(ExitCode.Unavailable, e.Message);
}
catch (Exception e)
{
    return Fail(ExitCode.Failed, $"forge failed: {e.Message}");
}

static int Fail(ExitCode code, string message)
{
    Console.Error.WriteLine(message);
    return (int)code;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
