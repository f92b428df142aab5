namespace Wombat.Api.Endpoints;

/// <summary>Sent again with the same Idempotency-Key it answers as the first time.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AcceptsIdempotencyKeyAttribute : Attribute;
