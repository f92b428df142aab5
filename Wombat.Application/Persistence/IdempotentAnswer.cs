namespace Wombat.Application.Persistence;

/// <summary>The stored response to a POST with an Idempotency-Key. Kept for a day.</summary>
public sealed class IdempotentAnswer
{
    public required string Caller { get; init; }

    public required string Key { get; init; }

    /// <summary>SHA-256 hash of the message that was sent with the key.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>The response as JSON; null only inside the transaction that creates it.</summary>
    public string? Answer { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
}
