using Polly;
using Polly.Retry;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Jobs;

/// <summary>Retries database operations for some minutes, so that a job's outcome is not lost during an outage of PostgreSQL.</summary>
internal static class DatabaseRetryPolicy
{
    private static readonly ResiliencePipeline Pipeline = new ResiliencePipelineBuilder()
        .AddRetry(
            new RetryStrategyOptions
            {
                ShouldHandle = args => ValueTask.FromResult(DatabaseErrors.IsUnavailable(args.Outcome.Exception)),
                MaxRetryAttempts = 600,
                Delay = TimeSpan.FromMilliseconds(500),
                BackoffType = DelayBackoffType.Constant,
                UseJitter = true,
            }
        )
        .Build();

    public static Task<T> Run<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel = default) =>
        Pipeline.ExecuteAsync(static async (state, token) => await state(token), work, cancel).AsTask();
}
