namespace Wombat.Application.Persistence;

/// <summary>The answer that a POST with an Idempotency-Key gave, kept for a day.</summary>
public sealed class IdempotentAnswer
{
    public required string Caller { get; init; }

    public required string Key { get; init; }

    /// <summary>SHA-256 of the message that the key came with.</summary>
    public required byte[] Fingerprint { get; init; }

    /// <summary>JSON of the answer; null only inside the transaction that makes it.</summary>
    public string? Answer { get; set; }

    public DateTimeOffset CreatedAt { get; init; }
}
