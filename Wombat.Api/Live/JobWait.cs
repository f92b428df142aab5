using System.Globalization;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Domain.Common;
using Wombat.Domain.Jobs;

namespace Wombat.Api.Live;

/// <summary>
/// Waits until a job has ended or a time has elapsed, then returns it. Holds no database connection meanwhile, and counts as a stream of
/// its caller.
/// </summary>
internal sealed class JobWait(LiveResponse live, INotificationBus notifications, TimeProvider clock)
{
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    // The poll interval, in case a notification is lost.
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Parses whole seconds such as "30s"; null if not given.</summary>
    /// <exception cref="InvalidInputException">The value is invalid or greater than <see cref="Max"/>.</exception>
    public static TimeSpan? Parse(string? wait) =>
        wait is null ? null
        : wait.EndsWith('s')
        && int.TryParse(wait.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        && seconds <= Max.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
        : throw new InvalidInputException("wait", $"must be whole seconds from 0s to {Max.TotalSeconds}s, such as 30s");

    /// <exception cref="UnavailableException">Wombat is stopping.</exception>
    public async Task<JobDto> WaitForEndAsync(HttpContext http, Guid id, TimeSpan timeout)
    {
        JobDto? job = null;
        await live.RunAsync(
            http,
            async cancel =>
            {
                var begun = clock.GetTimestamp();

                // Subscribe before the first read, so that no notification is missed.
                using var ends = notifications.Subscribe(Topics.Log(id));
                while (true)
                {
                    job = await live.SendMessageAsync(http, new GetJob(id), cancel);
                    var left = timeout - clock.GetElapsedTime(begun);
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
