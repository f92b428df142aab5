using System.IO.Pipelines;
using Wombat.Application.Commands;
using Wombat.Application.Jobs;
using Wombat.Domain.Commands;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>
/// One run on a host of SSH. The end of the connection's standard input tells the host to end the processes, so that they end when Wombat
/// wants it, and also when Wombat or the connection is gone.
/// </summary>
internal sealed class RemoteRun(
    SshClient client,
    SshTarget target,
    SshConnection connection,
    SshLog messages,
    RunCall call,
    IJobLog log,
    TimeSpan grace
)
{
    // The host looks for the processes up to five seconds after SIGKILL.
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(15);

    // A process that cannot be attributed may hold the output open after the program has ended.
    private static readonly TimeSpan LastOutputTime = TimeSpan.FromSeconds(2);

    private readonly Pipe input = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly string mark = RemoteScript.NewMark();
    private readonly string end = RemoteScript.NewMark();
    private readonly string attempt = RemoteScript.NewMark();
    private readonly Lock stopping = new();
    private RunStop why = RunStop.Exited;

    /// <returns>Null if nothing was executed, because the login was not completed, and the host lets Wombat in now.</returns>
    /// <exception cref="SshHostUnavailableException">Nothing was executed.</exception>
    public async Task<RunResult?> RunAsync(Func<RemoteProcess, CancellationToken, Task> onStart, CancellationToken cancel)
    {
        var report = new RemoteReport(mark);
        await ConnectAsync(report, onStart, cancel);
        if (report.ExitCode is { } code)
        {
            return new RunResult(why, why == RunStop.Exited ? code : null, report.Ending(target.Name));
        }

        if (report.Process is null && await client.ContactAsync(target, CancellationToken.None) is { Problem: not null } contact)
        {
            throw new SshHostUnavailableException(contact);
        }

        if (messages.LastMessage() is { Length: > 0 } message)
        {
            await log.WriteAsync($"ssh: {message}", CancellationToken.None);
        }

        if (why == RunStop.Exited && report.Process is null && !messages.HasSignedIn())
        {
            return null;
        }

        var ending = await RemoteEnd.RunAsync(target, attempt, report.Process, grace);
        return new RunResult(why == RunStop.Exited ? RunStop.ConnectionLost : why, null, ending);
    }

    private async Task ConnectAsync(RemoteReport report, Func<RemoteProcess, CancellationToken, Task> onStart, CancellationToken cancel)
    {
        using var abort = new CancellationTokenSource();
        var isStarted = false;
        var output = new LineOutput(
            async (line, token) =>
            {
                if (report.Read(line) is { } printed)
                {
                    await RunOutput.WriteAsync(log, printed, () => Stop(RunStop.OutputTooLarge, report, abort), token);
                }

                if (report.Process is { } process && !isStarted)
                {
                    isStarted = true;
                    await onStart(process with { Attempt = attempt }, token);
                }

                if (report.IsComplete)
                {
                    abort.CancelAfter(LastOutputTime);
                }
            }
        );
        await input.Writer.WriteAsync(RemoteScript.OfRun(call, attempt, grace, mark, end), CancellationToken.None);
        await using var cancelled = cancel.Register(() => Stop(RunStop.Cancelled, report, abort));
        await using var limit = new Timer(_ => Stop(RunStop.TimedOut, report, abort), null, call.Timeout, Timeout.InfiniteTimeSpan);
        try
        {
            var command = SshClient.Command(connection, end, input.Reader.AsStream(), call.Timeout + grace + grace + EndTime + EndTime);
            await ChildProcess.RunAsync(command, output, abort.Token);
        }
        catch (Exception e) when (e is TimeoutException || e is OperationCanceledException && abort.IsCancellationRequested)
        {
            // The host has not ended the run or the connection in time.
        }
    }

    // Asks the host to end the processes, and gives up on the connection if that takes too long. Before the program has started the
    // connection is given up at once, so that it does not start any more.
    private void Stop(RunStop reason, RemoteReport report, CancellationTokenSource abort)
    {
        lock (stopping)
        {
            if (why != RunStop.Exited || report.IsComplete)
            {
                return;
            }

            why = reason;
            input.Writer.Complete();
            abort.CancelAfter(report.Process is null ? TimeSpan.Zero : grace + grace + EndTime);
        }
    }
}
