using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Application.Persistence;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class IdempotentAnswerConfiguration : IEntityTypeConfiguration<IdempotentAnswer>
{
    public void Configure(EntityTypeBuilder<IdempotentAnswer> builder)
    {
        builder.ToTable("idempotent_answers");
        builder.HasKey(a => new { a.Caller, a.Key }).HasName("pk_idempotent_answers");
        builder.Property(a => a.Caller).HasMaxLength(255);
        builder.Property(a => a.Key).HasMaxLength(255);
        builder.HasIndex(a => a.CreatedAt).HasDatabaseName("ix_idempotent_answers_created_at");
    }
}
