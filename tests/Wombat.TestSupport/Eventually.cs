namespace Wombat.TestSupport;

/// <summary>Waits for what comes by itself.</summary>
public static class Eventually
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(25);

    public static Task UntilAsync(Func<bool> condition, string what, TimeSpan? atMost = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, atMost);

    /// <exception cref="TimeoutException">It did not come in time.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? atMost = null)
    {
        var from = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(from) >= (atMost ?? Usual))
            {
                throw new TimeoutException($"Waited in vain for this: {what}.");
            }

            await Task.Delay(50);
        }
    }
}
