using Wombat.Application.Commands;
using Wombat.Domain.Commands;
using Wombat.Infrastructure.Processes;

namespace Wombat.Infrastructure.Commands;

/// <summary>Ends an attempt of a run on a host of SSH over a connection of its own.</summary>
internal static class RemoteEnd
{
    private const int Connections = 2;

    // Signals and looking for processes may take the grace and five seconds more.
    private static readonly TimeSpan ConnectionTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(3);

    /// <param name="attempt">The word in the environment of its processes.</param>
    /// <param name="process">Null if nothing is known about the program.</param>
    /// <returns>What is left, or that it could not be learnt.</returns>
    public static async Task<RunEnding> RunAsync(SshTarget target, string attempt, RemoteProcess? process, TimeSpan grace)
    {
        for (var connection = 1; connection <= Connections; connection++)
        {
            if (connection > 1)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }

            var report = await AskAsync(target, attempt, process, grace);
            if (report.IsComplete)
            {
                return report.Ending(target.Name);
            }
        }

        return new RunEnding
        {
            Isolation = Isolation.Session,
            Proven = false,
            Explanation =
                $"The connection to {target.Name} was lost. Its processes end there when the host notices that; whether any is left could "
                + "not be learnt, because the host does not answer.",
        };
    }

    private static async Task<RemoteReport> AskAsync(SshTarget target, string attempt, RemoteProcess? process, TimeSpan grace)
    {
        var (mark, end) = (RemoteScript.NewMark(), RemoteScript.NewMark());
        var report = new RemoteReport(mark);
        var script = new MemoryStream(RemoteScript.OfEnd(attempt, process, grace, mark, end));
        using var connection = new SshConnection(target);
        var output = new LineOutput(
            (line, _) =>
            {
                report.Read(line);
                return ValueTask.CompletedTask;
            }
        );
        try
        {
            await ChildProcess.RunAsync(SshClient.Command(connection, end, script, grace + ConnectionTime), output, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // As if the connection were lost.
        }

        return report;
    }
}
