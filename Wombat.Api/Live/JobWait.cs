using System.Globalization;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Api.Live;

/// <summary>Answers a job when it has ended, or as it is after a time. Holds no database connection while it waits, and counts as a stream of its caller.</summary>
internal sealed class JobWait(LiveResponse live, INotificationBus notifications, TimeProvider clock)
{
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    // A signal that got lost, or a job ended by another replica, is noticed after this.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Whole seconds: "30s". Null where nothing is given.</summary>
    /// <exception cref="InvalidInputException">It is something else, or more than <see cref="Max"/>.</exception>
    public static TimeSpan? Parse(string? wait) =>
        wait is null ? null
        : wait.EndsWith('s')
        && int.TryParse(wait.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= Max.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
        : throw new InvalidInputException("wait", $"must be whole seconds from 0s to {Max.TotalSeconds}s, such as 30s");

    /// <exception cref="UnavailableException">Wombat stops.</exception>
    public async Task<JobDto> UntilEndedAsync(HttpContext http, Guid id, TimeSpan atMost)
    {
        JobDto? job = null;
        await live.RunAsync(
            http,
            async cancel =>
            {
                var begun = clock.GetTimestamp();

                // Before the first look, so that no signal falls between.
                using var ends = notifications.Subscribe(Topics.Log(id));
                while (true)
                {
                    job = await live.AskAsync(http, new GetJob(id), cancel);
                    var left = atMost - clock.GetElapsedTime(begun);
                    if (job.Status.IsEnded() || left <= TimeSpan.Zero)
                    {
                        return;
                    }

                    await ends.WaitAsync(left < PollInterval ? left : PollInterval, cancel);
                }
            }
        );
        return job!;
    }
}
