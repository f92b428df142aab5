namespace Wombat.TestSupport;

/// <summary>Polls until a condition holds. Tests wait in no other way.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <param name="what">Describes the condition in the error.</param>
    /// <exception cref="TimeoutException">The condition did not hold within the timeout.</exception>
    public static Task UntilAsync(Func<bool> condition, string what, TimeSpan? atMost = null) =>
        UntilAsync(() => Task.FromResult(condition()), what, atMost);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string, TimeSpan?)"/>
    public static Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan? atMost = null) =>
        GetAsync(condition, holds => holds, what, atMost);

    /// <summary>Reads until the value meets the condition, and returns it.</summary>
    /// <exception cref="TimeoutException">No value met the condition within the timeout. The message shows the last value.</exception>
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> condition, string what, TimeSpan? atMost = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (condition(value))
            {
                return value;
            }

            if (TimeProvider.System.GetElapsedTime(start) >= (atMost ?? DefaultTimeout))
            {
                throw new TimeoutException($"Not within {atMost ?? DefaultTimeout}: {what}. Last value: {value}");
            }

            await Task.Delay(Interval);
        }
    }
}
