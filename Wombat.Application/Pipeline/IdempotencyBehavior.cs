using System.Security.Cryptography;
using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Common;

namespace Wombat.Application.Pipeline;

/// <summary>
/// Stores the key, the change and the response in one transaction, so that the same key gets the same response even after a crash. A
/// concurrent request with the key waits for the first one's commit.
/// </summary>
internal sealed class IdempotencyBehavior<TRequest, TResponse>(RequestContext context, IWombatDbContext db, TimeProvider clock)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IIdempotentCommand
{
    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        context.IdempotencyKey is not { } key
            ? next()
            : db.InTransactionAsync(cancel => OnceAsync(request, key, next, cancel), cancellationToken);

    private async Task<TResponse> OnceAsync(TRequest request, string key, RequestHandlerDelegate<TResponse> next, CancellationToken cancel)
    {
        // The caller's name is not unique: tokens of different projects can have the same name.
        var caller = context.Caller!.ActorId?.ToString() ?? context.Caller.Name;
        var fingerprint = SHA256.HashData([
            .. JsonSerializer.SerializeToUtf8Bytes(typeof(TRequest).Name),
            .. JsonSerializer.SerializeToUtf8Bytes(request, WombatJson.Options),
        ]);
        var taken = await db.ReserveIdempotencyKeyAsync(caller, key, fingerprint, clock.GetUtcNow(), cancel);
        var row = await db.IdempotentAnswers.SingleAsync(a => a.Caller == caller && a.Key == key, cancel);
        if (taken)
        {
            var response = await next();
            row.Answer = JsonSerializer.Serialize(response, WombatJson.Options);
            await db.SaveChangesAsync(cancel);
            return response;
        }

        return CryptographicOperations.FixedTimeEquals(row.Fingerprint, fingerprint)
            ? JsonSerializer.Deserialize<TResponse>(row.Answer!, WombatJson.Options)!
            : throw new UnprocessableException(ErrorCode.IdempotencyKeyReused, "This Idempotency-Key was used for another request.");
    }
}
