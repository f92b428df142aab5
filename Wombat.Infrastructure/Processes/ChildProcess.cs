#pragma warning disable RS0030 // This is the adapter that starts processes; everything else goes through it.
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Wombat.Infrastructure.Processes;

/// <summary>
/// Starts a program with an argument list, never through a shell, in a process group of its own. Output is bounded, time
/// is bounded, and whatever way the call ends, the whole group is gone before it returns, and what it started in groups of
/// their own with it.
/// </summary>
public static partial class ChildProcess
{
    private const char ByteOrderMark = '\uFEFF';
    private const int SigKill = 9;
    private const int SigTerm = 15;

    // How long a program has between SIGTERM and SIGKILL.
    private static readonly TimeSpan KillDelay = TimeSpan.FromSeconds(2);

    /// <exception cref="ProgramMissingException">There is no such program, or it may not be run.</exception>
    /// <exception cref="TimeoutException">It ran longer than allowed and was killed.</exception>
    /// <exception cref="OutputTooLargeException">Its standard output was larger than allowed and it was killed.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up; it was killed.</exception>
    public static async Task<ChildResult> RunAsync(ChildCommand command, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        using var process = Start(command);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(command.Timeout);
        try
        {
            var stdout = ReadBoundedAsync(process.StandardOutput.BaseStream, command.MaxOutputBytes, limit.Token);
            var stderr = PumpAsync(process.StandardError.BaseStream, command.OnErrorLine, limit.Token);
            process.StandardInput.Close();
            var work = Task.WhenAll(stdout, stderr, process.WaitForExitAsync(limit.Token));
            await FirstFailureOrAll(stdout, stderr, work);
            return new ChildResult(process.ExitCode, stdout.Result, stderr.Result);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"{Path.GetFileName(command.Program)} did not end within {command.Timeout.TotalSeconds:F0} s.", e);
        }
        finally
        {
            await EndGroupAsync(process);
        }
    }

    // A child that is told off for its output must not be waited for.
    private static async Task FirstFailureOrAll(Task<string> stdout, Task<string> stderr, Task work)
    {
        var first = await Task.WhenAny(stdout, work);
        await first;
        await stderr;
        await work;
    }

    private static Process Start(ChildCommand command)
    {
        // setsid makes the program leader of a group of its own, so that its children end with it.
        var start = new ProcessStartInfo("setsid")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = command.WorkingDirectory ?? Path.GetTempPath(),
        };
        if (!File.Exists(command.Program))
        {
            throw new ProgramMissingException(command.Program);
        }

        start.ArgumentList.Add("--wait");
        start.ArgumentList.Add(command.Program);
        foreach (var argument in command.Arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // Wombat's own settings are no business of the programs that it calls: passwords are among them.
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
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

    private static bool IsOurs(string name) =>
        name.StartsWith("WOMBAT_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ConnectionStrings__", StringComparison.OrdinalIgnoreCase)
        || name == "DATABASE_URL";

    private static async Task<string> ReadBoundedAsync(Stream stream, int max, CancellationToken cancel)
    {
        using var gathered = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancel)) > 0)
        {
            if (gathered.Length + read > max)
            {
                throw new OutputTooLargeException(max);
            }

            gathered.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(gathered.GetBuffer(), 0, (int)gathered.Length).TrimStart(ByteOrderMark);
    }

    /// <summary>Hands lines on as they come and answers the last few, for a failure's message. Never holds more than one line.</summary>
    private static async Task<string> PumpAsync(Stream stream, Func<string, CancellationToken, ValueTask>? onLine, CancellationToken cancel)
    {
        var lines = new LineReader(onLine);
        var decoder = Encoding.UTF8.GetDecoder();
        var bytes = new byte[16 * 1024];
        var chars = new char[bytes.Length + 1];
        var reading = stream.ReadAsync(bytes, cancel).AsTask();
        while (true)
        {
            // A state of a progress line is handed on although its line does not end.
            while (lines.Due is { } due && await Task.WhenAny(reading, Task.Delay(due, CancellationToken.None)) != reading)
            {
                await lines.ShowStateAsync(cancel);
            }

            var read = await reading;
            if (read == 0)
            {
                await lines.EndAsync(cancel);
                return lines.Tail;
            }

            await lines.AddAsync(chars.AsMemory(0, decoder.GetChars(bytes, 0, read, chars, 0)), cancel);
            reading = stream.ReadAsync(bytes, cancel).AsTask();
        }
    }

    // setsid execs into the program without a fork, so the group bears the child's own id.
    private static async Task EndGroupAsync(Process process)
    {
        var group = process.Id;
        if (Kill(-group, SigTerm) != 0)
        {
            await EndUngroupedAsync(process);
            return;
        }

        for (var waited = TimeSpan.Zero; waited < KillDelay; waited += TimeSpan.FromMilliseconds(20))
        {
            await Task.Delay(20, CancellationToken.None);
            if (Kill(-group, 0) != 0)
            {
                return;
            }
        }

        // Not the group alone: a child that calls programs this way, too, has given them groups of their own.
        process.Kill(entireProcessTree: true);
        _ = Kill(-group, SigKill);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    // There is no group: all of it has ended, or the child has not come to make it. Left alone it would then do its work
    // after all, when everybody thinks it gone.
    private static async Task EndUngroupedAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        _ = Kill(-process.Id, SigKill);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Kill(int pid, int signal);
}

/// <param name="Program">An absolute path.</param>
/// <param name="Arguments">Handed over as they are; nothing interprets them.</param>
/// <param name="Timeout">After it the process group is killed.</param>
/// <param name="MaxOutputBytes">Bound of standard output, which is kept whole.</param>
/// <param name="OnErrorLine">Receives standard error line by line. While it waits, the program waits.</param>
public sealed record ChildCommand(
    string Program,
    IReadOnlyList<string> Arguments,
    TimeSpan Timeout,
    int MaxOutputBytes = 1024 * 1024,
    Func<string, CancellationToken, ValueTask>? OnErrorLine = null
)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Set besides what Wombat itself was started with, of which its own settings are left out.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <param name="ErrorTail">The last lines of standard error.</param>
public sealed record ChildResult(int ExitCode, string Output, string ErrorTail);

public sealed class ProgramMissingException(string program, Exception? inner = null)
    : Exception(
        $"The program {Path.GetFileName(program)} is missing on the server or may not be run; an administrator must look at it.",
        inner
    );

public sealed class OutputTooLargeException(int max)
    : Exception($"The program printed more than {max / 1024} KiB where an answer was expected.");
