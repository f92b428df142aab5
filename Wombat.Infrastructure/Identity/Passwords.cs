using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Wombat.Application.Users;
using Wombat.Domain.Users;

namespace Wombat.Infrastructure.Identity;

/// <summary>Password hashing by ASP.NET Core's hasher (PBKDF2, HMAC-SHA512), and the rules for new passwords.</summary>
internal sealed class Passwords : IPasswords
{
    private const int MinLength = UserRules.PasswordMin;
    private const int MaxLength = 256;
    private const int MinDistinct = 5;

    // OWASP recommendation for PBKDF2 with HMAC-SHA512.
    private const int Iterations = 210_000;

    private readonly PasswordHasher<User> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly Lazy<string> dummyHash;

    public Passwords() => dummyHash = new Lazy<string>(() => Hash(Guid.NewGuid().ToString()));

    public string Hash(string password) => hasher.HashPassword(null!, password);

    public bool Verify(string? hash, string password) =>
        password.Length <= MaxLength
        && hasher.VerifyHashedPassword(null!, hash ?? dummyHash.Value, password) != PasswordVerificationResult.Failed
        && hash is not null;

    public string? Objection(string password, params string?[] context)
    {
        if (password.Length is < MinLength or > MaxLength)
        {
            return $"must have {MinLength} to {MaxLength} characters";
        }

        if (password.Distinct().Count() < MinDistinct || CommonPasswords.Contains(password))
        {
            return "is too common; choose another password";
        }

        return context.FirstOrDefault(word => word is { Length: >= 3 } && CommonPasswords.IsMostly(password, word)) is not null
            ? "must not consist of the login, the name or the e-mail address"
            : null;
    }
}
