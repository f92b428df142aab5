#pragma warning disable RS0030 // The only adapter that starts processes.
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Starts a program with an argument list, without a shell, in its own process group. Memory and time are limited. The whole group, and
/// groups that it has created, have ended when the call returns, whatever its outcome.
/// </summary>
public static class ChildProcess
{
    private const string SetPriv = "/usr/bin/setpriv";
    private static readonly TimeSpan LastOutputTime = TimeSpan.FromSeconds(1);

    /// <summary>Runs a program and captures its output.</summary>
    /// <exception cref="ProgramMissingException">The program does not exist or is not executable.</exception>
    /// <exception cref="TimeoutException">The program exceeded the timeout and was killed.</exception>
    /// <exception cref="OutputTooLargeException">The program exceeded the limit of its standard output and was killed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled and the program was killed.</exception>
    public static async Task<ChildResult> RunAsync(ChildCommand command, CancellationToken cancel)
    {
        var output = new CapturedOutput(
            command.MaxOutputBytes,
            command.OnErrorLine is { } onLine ? (line, token) => onLine(line.Text, token) : null
        );
        var exitCode = await RunAsync(command, output, cancel);
        return new ChildResult(exitCode, output.Output, output.ErrorTail);
    }

    /// <summary>Runs a program and passes on its output as it arrives.</summary>
    /// <returns>The exit code; 128 plus the signal number if a signal ended the program.</returns>
    /// <exception cref="ProgramMissingException">The program does not exist or is not executable.</exception>
    /// <exception cref="TimeoutException">The program exceeded the timeout and was killed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled and the program was killed.</exception>
    public static async Task<int> RunAsync(ChildCommand command, OutputConsumer output, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var process = Start(command);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var stop = new CancellationTokenSource();
        limit.CancelAfter(command.Timeout);
        var input = WriteInputAsync(process, command.Input, stop.Token);
        var exit = process.WaitForExitAsync(CancellationToken.None);
        var reading = new OutputPump(process.StandardOutput.BaseStream, process.StandardError.BaseStream, exit, output).RunAsync(
            stop.Token
        );
        try
        {
            await reading.WaitAsync(limit.Token);
            await exit.WaitAsync(limit.Token);
            return process.ExitCode;
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"{Path.GetFileName(command.Program)} did not end within {command.Timeout.TotalSeconds:F0} s.", e);
        }
        finally
        {
            var end = await ProcessGroup.EndAsync(process, command.Grace);
            command.OnEnd?.Invoke(end);

            // Read what the program printed while it was ending.
            await Task.WhenAny(reading, Task.Delay(LastOutputTime, CancellationToken.None));
            await stop.CancelAsync();
            await Task.WhenAll(input, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static Process Start(ChildCommand command)
    {
        if (!File.Exists(command.Program))
        {
            throw new ProgramMissingException(command.Program);
        }

        // setsid makes the program the leader of a new group, so that its children end with it.
        var start = new ProcessStartInfo("setsid", ["--wait", .. SwitchTo(command.User), command.Program, .. command.Arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory ?? Path.GetTempPath(),
        };

        // Wombat's settings contain passwords and are not passed on to programs.
        foreach (var name in start.Environment.Keys.Where(n => command.HasCleanEnvironment || IsOwnSetting(n)).ToList())
        {
            start.Environment.Remove(name);
        }

        if (Activity.Current is { Recorded: true, Id: { } parent })
        {
            start.Environment["TRACEPARENT"] = parent;
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new ProgramMissingException(command.Program, e);
        }
    }

    private static IEnumerable<string> SwitchTo(UnixUser? user) =>
        user is null
            ? []
            :
            [
                SetPriv,
                $"--reuid={Text(user.Uid)}",
                $"--regid={Text(user.Gid)}",
                "--clear-groups",
                "--inh-caps=-all",
                "--no-new-privs",
                "--",
            ];

    private static string Text(uint id) => id.ToString(CultureInfo.InvariantCulture);

    private static bool IsOwnSetting(string name) =>
        name.StartsWith("WOMBAT_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name == "DATABASE_URL";

    private static async Task WriteInputAsync(Process process, Stream? input, CancellationToken cancel)
    {
        try
        {
            await using var stdin = process.StandardInput.BaseStream;
            if (input is not null)
            {
                await input.CopyToAsync(stdin, cancel);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The program has closed its standard input or has ended.
        }
    }
}
