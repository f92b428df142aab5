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
internal sealed class RemoteRun(SshClient client, SshTarget target, SshConnection connection, RunCall call, IJobLog log, TimeSpan grace)
{
    private const int EndAttempts = 2;

    // The host looks for the processes every 0.2 s, and up to five seconds after SIGKILL.
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    private readonly Pipe input = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly string mark = RemoteScript.NewMark();
    private readonly string end = RemoteScript.NewMark();
    private readonly Lock stopping = new();
    private RunStop why = RunStop.Exited;

    /// <exception cref="SshHostUnavailableException">Nothing was executed.</exception>
    public async Task<RunResult> RunAsync(Func<RemoteProcess, CancellationToken, Task> onStart, CancellationToken cancel)
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

        var ending = await EndAsync(report.Process);
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
                    await RunOutput.WriteAsync(log, printed, () => Stop(RunStop.OutputTooLarge, abort), token);
                }

                if (report.Process is { } process && !isStarted)
                {
                    isStarted = true;
                    await onStart(process, token);
                }
            }
        );
        await input.Writer.WriteAsync(RemoteScript.OfRun(call, grace, mark, end), CancellationToken.None);
        await using var cancelled = cancel.Register(() => Stop(RunStop.Cancelled, abort));
        await using var limit = new Timer(_ => Stop(RunStop.TimedOut, abort), null, call.Timeout, Timeout.InfiniteTimeSpan);
        try
        {
            var command = SshClient.Command(connection, end, input.Reader.AsStream(), call.Timeout + grace + EndTime + EndTime);
            await ChildProcess.RunAsync(command, output, abort.Token);
        }
        catch (Exception e) when (e is TimeoutException || e is OperationCanceledException && abort.IsCancellationRequested)
        {
            // The host has not ended the run in time.
        }
    }

    // Asks the host to end the processes, and gives up on the connection if that takes too long.
    private void Stop(RunStop reason, CancellationTokenSource abort)
    {
        lock (stopping)
        {
            if (why != RunStop.Exited)
            {
                return;
            }

            why = reason;
            input.Writer.Complete();
            abort.CancelAfter(grace + EndTime);
        }
    }

    private async Task<RunEnding> EndAsync(RemoteProcess? process)
    {
        for (var attempt = 1; ; attempt++)
        {
            var report = new RemoteReport(mark);
            var script = new MemoryStream(RemoteScript.OfEnd(call.RunId, process, grace, mark, end));
            using var again = new SshConnection(target);
            try
            {
                var output = new LineOutput(
                    (line, _) =>
                    {
                        report.Read(line);
                        return ValueTask.CompletedTask;
                    }
                );
                await ChildProcess.RunAsync(SshClient.Command(again, end, script, grace + EndTime), output, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                // As if the connection were lost.
            }

            if (report.IsComplete)
            {
                return report.Ending(target.Name);
            }

            if (attempt == EndAttempts)
            {
                return new RunEnding
                {
                    Isolation = Isolation.Session,
                    Proven = false,
                    Explanation =
                        $"The connection to {target.Name} was lost. Its processes end there when the host notices that; whether any is "
                        + "left could not be learnt, because the host does not answer.",
                };
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }
}
